// Package e2e drives the built programs as people do: real processes, played
// cameras, X displays, clicks. It holds no product code.
//
// The tests need the tag e2e and the programs in bin/ (CLOCKFACE_BIN names
// another folder). TestMainJob is the whole path from a face to an approved
// punch in three databases, TestBadInput what the programs say when something
// is wrong, TestDocumentedCommands the commands of docs/operations.md, TestBench
// the figures of build/bench.json. Each test keeps its logs, screenshots and
// databases in build/<test>/ and ends what it started.
//
// The harness, from the bottom up: a journal collects the lines that a program
// prints and wakes whoever waits for one; a program is a process with a journal
// for its output; a display is an Xvfb with clicks and screenshots; a company
// is a cloud with enrolled devices and people. Nothing sleeps for a guessed
// time: every wait names what it waits for and has a deadline.
package e2e
