# The one test file that differs between checkouts, for compilers' caches.
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/base/test_main.cc PROPERTIES
    COMPILE_DEFINITIONS PROVOST_SOURCE_DIR="${CMAKE_SOURCE_DIR}")

# room(NAME mail USES base [LINKS external::target ...] [PROGRAM name] [THREADED])
#
# Declares src/NAME as a library of all its .cc files, which may include headers of the rooms it USES
# and of no others (dev/check-layers). Its *_test.cc files become the test program NAME_test, and each
# main.cc or NAME_main.cc a program: main.cc is called PROGRAM, x_main.cc provost-x. In a THREADED room code of more than
# one thread meets: ThreadSanitizer watches its tests for every change.
function(room)
    cmake_parse_arguments(ROOM "THREADED" "NAME;PROGRAM" "USES;LINKS" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${ROOM_NAME}/*.cc)
    set(tests ${sources})
    set(mains ${sources})
    list(FILTER sources EXCLUDE REGEX "_test\\.cc$|test_main\\.cc$|/main\\.cc$|_main\\.cc$")
    list(FILTER tests INCLUDE REGEX "_test\\.cc$")
    list(FILTER mains INCLUDE REGEX "/main\\.cc$|_main\\.cc$")
    list(FILTER mains EXCLUDE REGEX "test_main\\.cc$")

    set(kind PUBLIC)
    if(sources)
        add_library(${ROOM_NAME} STATIC ${sources})
    else()
        add_library(${ROOM_NAME} INTERFACE)
        set(kind INTERFACE)
    endif()
    target_include_directories(${ROOM_NAME} ${kind} ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${ROOM_NAME} ${kind} ${ROOM_USES} ${ROOM_LINKS})

    foreach(main ${mains})
        get_filename_component(program ${main} NAME_WE)
        if(program STREQUAL "main")
            set(program ${ROOM_PROGRAM})
        else()
            string(REGEX REPLACE "_main$" "" program ${program})
            set(program provost-${program})
        endif()
        # The target may share its name with the room's library, so only the output is called so.
        add_executable(${program}_program ${main})
        set_target_properties(${program}_program PROPERTIES OUTPUT_NAME ${program} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
        target_link_libraries(${program}_program PRIVATE ${ROOM_NAME})
        if(NOT TARGET programs)
            add_custom_target(programs)
        endif()
        add_dependencies(programs ${program}_program)
    endforeach()

    add_test(NAME layers/${ROOM_NAME}
        COMMAND ${CMAKE_SOURCE_DIR}/dev/check-layers ${CMAKE_SOURCE_DIR}/src ${ROOM_NAME} ${ROOM_USES})

    if(tests AND BUILD_TESTING)
        add_executable(${ROOM_NAME}_test ${tests} ${CMAKE_SOURCE_DIR}/src/base/test_main.cc)
        target_link_libraries(${ROOM_NAME}_test PRIVATE ${ROOM_NAME} GTest::gtest rapidcheck)
        add_test(NAME unit/${ROOM_NAME} COMMAND ${ROOM_NAME}_test)
        if(ROOM_THREADED)
            set_tests_properties(unit/${ROOM_NAME} PROPERTIES LABELS threaded)
        endif()
    endif()
endfunction()
