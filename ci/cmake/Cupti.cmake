# Finds CUPTI where GPU code is built, and says with TRAINBENCH_CUPTI whether the GPU can be recorded. Included after
# Cuda.cmake. Where it is OFF, gpu_recorder_none.cpp stands in.
#
# The wheel that LibTorch comes with has headers and library of one version; NVIDIA's toolkit has them in extras/CUPTI.
# Two libraries of the name would be loaded as one, and libtorch_cpu loads LibTorch's: so that one is looked at first.
set(TRAINBENCH_CUPTI OFF)
if(NOT TRAINBENCH_CUDA)
  return()
endif()
file(GLOB cupti_wheels ${TRAINBENCH_TORCH_DIR}/nvidia/*/include/cupti.h)
list(TRANSFORM cupti_wheels REPLACE "/include/cupti.h$" "")
set(cupti_roots ${cupti_wheels} ${CUDAToolkit_LIBRARY_ROOT}/extras/CUPTI ${CUDAToolkit_TARGET_DIR})
find_file(CUPTI_HEADER cupti.h PATHS ${cupti_roots} PATH_SUFFIXES include NO_DEFAULT_PATH)
find_library(CUPTI_LIBRARY NAMES libcupti.so.${CUDAToolkit_VERSION_MAJOR} cupti PATHS ${cupti_roots}
  PATH_SUFFIXES lib lib64 NO_DEFAULT_PATH)
mark_as_advanced(CUPTI_HEADER CUPTI_LIBRARY)
if(NOT CUPTI_HEADER OR NOT CUPTI_LIBRARY)
  message(STATUS "CUPTI: off, neither LibTorch's folder nor the toolkit has cupti.h and libcupti")
  return()
endif()
cmake_path(GET CUPTI_HEADER PARENT_PATH cupti_include)
file(STRINGS ${cupti_include}/cupti_version.h cupti_version REGEX "^#define CUPTI_API_VERSION ")
string(REGEX REPLACE "[^0-9]" "" cupti_version "${cupti_version}")
# 13.0 is the first whose records are the ones that cupti_decode.cpp reads and that names who holds CUPTI.
if(cupti_version LESS 130000)
  message(STATUS "CUPTI: off, ${cupti_include} is of API ${cupti_version} and 130000 is needed")
  return()
endif()
# LibTorch.cmake found the wheel's; with a LibTorch of the user's own it is the toolkit's.
set(cupti_cudart ${cudart})
if(NOT cupti_cudart)
  set(cupti_cudart CUDA::cudart)
endif()
set(TRAINBENCH_CUPTI ON)
message(STATUS "CUPTI: API ${cupti_version}, ${CUPTI_LIBRARY}")
add_library(trainbench_cupti_headers INTERFACE)
add_library(trainbench::cupti_headers ALIAS trainbench_cupti_headers)
# Behind the toolkit's: the wheel's folder has CUDA's headers too.
target_include_directories(trainbench_cupti_headers SYSTEM INTERFACE ${CUDAToolkit_INCLUDE_DIRS} ${cupti_include})
target_link_libraries(trainbench_cupti_headers INTERFACE ${CUPTI_LIBRARY} ${cupti_cudart})
