# Writes OUTPUT, a header that holds the commit of SOURCE_DIR; an unchanged commit leaves the file untouched, so
# that nothing is built again.
execute_process(COMMAND git -C ${SOURCE_DIR} describe --always --dirty --abbrev=12 --exclude=*
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed OR NOT commit)
  set(commit "unknown")
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#pragma once\n#define TRAINBENCH_COMMIT \"${commit}\"\n" @ONLY)
