# Defines trainbench::torch.
#
# A LibTorch of the user's own (>= 2.6), named by Torch_DIR or CMAKE_PREFIX_PATH, is taken through its
# find_package file. Otherwise the wheel that ci/setup installed serves through a target of ours: the wheel's
# TorchConfig.cmake stops with a fatal error on a machine without a CUDA toolkit, where CPU training compiles,
# links and runs well (tried with torch 2.11.0).
add_library(trainbench_torch INTERFACE)
add_library(trainbench::torch ALIAS trainbench_torch)

if(NOT TRAINBENCH_TORCH_DIR)
  # TorchConfig.cmake probes GPU architectures with nvcc where none is named, and fails without a driver.
  if(NOT DEFINED TORCH_CUDA_ARCH_LIST)
    set(TORCH_CUDA_ARCH_LIST 9.0)
  endif()
  find_package(Torch 2.6 REQUIRED)
  message(STATUS "LibTorch: ${TORCH_INSTALL_PREFIX} (the user's own)")
  target_link_libraries(trainbench_torch INTERFACE ${TORCH_LIBRARIES})
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
# libtorch_cpu itself needs libcudart and libcupti; the linker must see them, the program does not call them.
target_link_options(trainbench_torch INTERFACE
  -Wl,-rpath-link,${TRAINBENCH_TORCH_DIR}/nvidia/cu13/lib)
