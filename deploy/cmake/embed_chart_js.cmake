# How the report's page gets into the library: Chart.js as the system's package has it, and our own page files, each as
# one byte array. A generated array, not .incbin or ld -b: it needs no assembler, and every compiler and ccache track it.
#
# Run as a script (cmake -DIN=file -DOUT=file.cpp -DNAME=name -P this), it writes one array; included, it defines
# godwit_embed_page(TARGET), which gives TARGET the sources that runtime/src/report/page_files.hpp declares.
if(CMAKE_SCRIPT_MODE_FILE)
  file(READ ${IN} content HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," content "${content}")
  string(REGEX REPLACE "((0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,))" "\\1\n" content "${content}")
  get_filename_component(file ${IN} NAME)
  file(WRITE ${OUT} "// The bytes of ${file}, made by the build.
#include \"report/page_files.hpp\"

namespace godwit::page {
namespace {
constexpr unsigned char content[] = {
${content}
0x00};
} // namespace
std::string_view ${NAME}() noexcept {
  return {reinterpret_cast<const char*>(content), sizeof content - 1};
}
} // namespace godwit::page
")
  return()
endif()

find_file(GODWIT_CHART_JS NAMES chart.min.js Chart.min.js chart.umd.min.js chart.umd.js
          PATHS /usr/share/javascript/chart.js /usr/share/nodejs/chart.js/dist NO_DEFAULT_PATH
          DOC "Chart.js (3 or 4), as one script that defines Chart: it is put into the HTML report")
if(NOT GODWIT_CHART_JS)
  message(FATAL_ERROR "Chart.js was not found. Install it (Debian, Ubuntu: apt-get install libjs-chart.js), "
                      "or give its chart.min.js with -DGODWIT_CHART_JS=FILE.")
endif()
set(GODWIT_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(godwit_embed_page target)
  set(page ${CMAKE_SOURCE_DIR}/runtime/src/report/page)
  foreach(pair chart_js=${GODWIT_CHART_JS} page_html=${page}/page.html page_css=${page}/page.css
               page_js=${page}/page.js charts_js=${page}/charts.js edge_charts_js=${page}/edge_charts.js
               cases_html=${page}/cases.html cases_charts_js=${page}/cases_charts.js
               audit_html=${page}/audit.html audit_charts_js=${page}/audit_charts.js)
    string(REGEX MATCH "^([a-z_]+)=(.*)$" matched ${pair})
    set(name ${CMAKE_MATCH_1})
    set(in ${CMAKE_MATCH_2})
    set(out ${CMAKE_BINARY_DIR}/embedded/${name}.cpp)
    add_custom_command(OUTPUT ${out} DEPENDS ${in} ${GODWIT_EMBED_SCRIPT} VERBATIM
                       COMMAND ${CMAKE_COMMAND} -DIN=${in} -DOUT=${out} -DNAME=${name} -P ${GODWIT_EMBED_SCRIPT}
                       COMMENT "Embedding ${name}")
    target_sources(${target} PRIVATE ${out})
  endforeach()
endfunction()
