# Defines trainbench::torch, and for Cuda.cmake: `torch_cuda_fault`, why GPU code cannot be built with this LibTorch
# (empty where it can), `torch_cuda_major`, the CUDA it was built with, and `torch_cuda_libraries`, what to link then.
#
# A LibTorch of the user's own (>= 2.6), named by Torch_DIR or CMAKE_PREFIX_PATH, is taken through its
# find_package file. Otherwise the wheel that ci/setup installed serves through a target of ours: the wheel's
# TorchConfig.cmake stops with a fatal error on a machine without a CUDA toolkit, where CPU training compiles,
# links and runs well (tried with torch 2.11.0).
add_library(trainbench_torch INTERFACE)
add_library(trainbench::torch ALIAS trainbench_torch)
set(torch_cuda_fault "")

if(NOT TRAINBENCH_TORCH_DIR)
  # TorchConfig.cmake probes GPU architectures with nvcc where none is named, and fails without a driver. Ours are
  # named in Cuda.cmake; here the language is only switched on.
  if(NOT DEFINED TORCH_CUDA_ARCH_LIST)
    set(TORCH_CUDA_ARCH_LIST 9.0)
  endif()
  set(CMAKE_CUDA_RUNTIME_LIBRARY None)
  set(flags_before "${CMAKE_CUDA_FLAGS}")
  find_package(Torch 2.6 REQUIRED)
  # It adds its architectures and settings to every .cu of ours.
  set(CMAKE_CUDA_FLAGS "${flags_before}")
  message(STATUS "LibTorch: ${TORCH_INSTALL_PREFIX} (the user's own)")
  target_link_libraries(trainbench_torch INTERFACE ${TORCH_LIBRARIES})
  if(TARGET torch_cuda)
    find_package(CUDAToolkit REQUIRED)
    set(torch_cuda_major ${CUDAToolkit_VERSION_MAJOR})
    set(torch_cuda_libraries CUDA::cudart)
  else()
    set(torch_cuda_fault "this LibTorch is built without it")
  endif()
  return()
endif()

set(torch_root ${TRAINBENCH_TORCH_DIR}/torch)
if(NOT EXISTS ${torch_root}/lib/libtorch_cpu.so)
  message(FATAL_ERROR "No LibTorch in TRAINBENCH_TORCH_DIR=${TRAINBENCH_TORCH_DIR}. Run ci/setup, or pass "
    "-DTorch_DIR=... and an empty TRAINBENCH_TORCH_DIR to use your own.")
endif()
message(STATUS "LibTorch: ${torch_root}")
target_include_directories(trainbench_torch SYSTEM INTERFACE
  ${torch_root}/include ${torch_root}/include/torch/csrc/api/include)
target_compile_definitions(trainbench_torch INTERFACE _GLIBCXX_USE_CXX11_ABI=1)
target_link_libraries(trainbench_torch INTERFACE ${torch_root}/lib/libtorch_cpu.so ${torch_root}/lib/libc10.so)
# libtorch_cpu itself needs libcudart and libcupti, libtorch_cuda cuBLAS and others; the linker must see them, the
# program does not call them.
file(GLOB nvidia_folders ${TRAINBENCH_TORCH_DIR}/nvidia/*/lib)
list(TRANSFORM nvidia_folders PREPEND -Wl,-rpath-link,)
target_link_options(trainbench_torch INTERFACE ${nvidia_folders})

# Both tiers install the same wheel, libtorch_cuda.so with it; what that needs is there in the CUDA tier alone.
file(GLOB cudart ${TRAINBENCH_TORCH_DIR}/nvidia/cu*/lib/libcudart.so.*)
if(NOT EXISTS ${torch_root}/lib/libtorch_cuda.so OR NOT EXISTS ${TRAINBENCH_TORCH_DIR}/nvidia/cudnn/lib)
  set(torch_cuda_fault "this LibTorch is the CPU tier's")
elseif(NOT cudart MATCHES "libcudart\\.so\\.([0-9]+)$")
  set(torch_cuda_fault "there is no libcudart beside LibTorch")
else()
  set(torch_cuda_major ${CMAKE_MATCH_1})
endif()
# libtorch_cuda registers the CUDA backend in its static initialisers: a program that calls ATen alone names no symbol
# of it, and a linker that is told --as-needed (Ubuntu's default) would leave it out.
set(torch_cuda_libraries -Wl,--push-state,--no-as-needed,${torch_root}/lib/libtorch_cuda.so,--pop-state
  ${torch_root}/lib/libc10_cuda.so ${cudart})
