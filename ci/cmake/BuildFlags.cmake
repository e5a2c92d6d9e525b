# Warnings and sanitizers are targets, linked PRIVATE by trainbench_library and trainbench_program: nothing is
# global, so that third-party headers and tests keep their own flags.
add_library(trainbench_flags INTERFACE)
target_compile_options(trainbench_flags INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wconversion;-Wsign-conversion;-Wnon-virtual-dtor;-Wold-style-cast>"
  # Designated initialisers leave members out on purpose: their defaults are what is meant.
  $<$<COMPILE_LANGUAGE:CXX>:-Wno-missing-field-initializers>
  # g++ 12 warns about memcpy inside std::string's operator+ (GCC bug 105651): not about our code.
  $<$<AND:$<COMPILE_LANG_AND_ID:CXX,GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${TRAINBENCH_WERROR}>>:-Werror>
  # What nvcc hands to g++ carries its own line directives and casts, which -Wpedantic and -Wold-style-cast name.
  "$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wall,-Wextra,-Wshadow,-Wconversion,-Wsign-conversion>"
  "$<$<AND:$<COMPILE_LANGUAGE:CUDA>,$<BOOL:${TRAINBENCH_WERROR}>>:--Werror=all-warnings;-Xcompiler=-Werror>")
if(TRAINBENCH_SANITIZE)
  target_compile_options(trainbench_flags INTERFACE
    "$<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${TRAINBENCH_SANITIZE};-fno-omit-frame-pointer;-fno-sanitize-recover=all>")
  target_link_options(trainbench_flags INTERFACE -fsanitize=${TRAINBENCH_SANITIZE})
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

# trainbench_library(NAME SOURCES files... [CUDA files...] [NONE files...] LIBRARIES targets...): one layer of the tree
# as a static library. Of the files behind CUDA (NAME_cuda.cpp, NAME.cu) and those behind NONE (NAME_none.cpp, the same
# functions without a GPU), TRAINBENCH_CUDA picks.
function(trainbench_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;CUDA;NONE;LIBRARIES" ${ARGN})
  if(TRAINBENCH_CUDA)
    list(APPEND ARG_SOURCES ${ARG_CUDA})
  else()
    list(APPEND ARG_SOURCES ${ARG_NONE})
  endif()
  add_library(trainbench_${name} STATIC ${ARG_SOURCES})
  add_library(trainbench::${name} ALIAS trainbench_${name})
  target_include_directories(trainbench_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(trainbench_${name} PUBLIC ${ARG_LIBRARIES} PRIVATE trainbench_flags)
endfunction()

# trainbench_program(NAME SOURCES files... LIBRARIES targets...)
function(trainbench_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES} trainbench_flags)
endfunction()
