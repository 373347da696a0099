/*
 * The command line of crawl, and what it says on stderr.
 */
#ifndef CRAWL_OPTIONS_H
#define CRAWL_OPTIONS_H

#include <getopt.h>
#include <libsched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command_line.h"

enum { DEFAULT_BOUND = 256, DEFAULT_LIMIT = 2, MAX_NUMBER = 1000000 };

struct options {
  uint32_t workers; /* 0: as many as the pool has by default */
  uint32_t limit;
  uint64_t bound;
  char **directory;
  int directories;
  int cancelled; /* one of the directories, or -1 */
  uint64_t cancel_after;
};

static const char help[] =
    "usage: crawl [--workers N] [--bound N] [--limit N] [--cancel NAME[:AFTER]] DIRECTORY...\n"
    "\n"
    "Reads every regular file below the directories, by turns, and prints for each directory how\n"
    "many files were found, stored, failed and cancelled, and the lines and bytes of those "
    "stored.\n"
    "Symbolic links are not followed; devices, fifos and sockets are not opened.\n"
    "\n"
    "  --workers N            use N worker threads, 1 to %u (default: the usable CPUs, at least "
    "2)\n"
    "  --bound N              hold at most N files of a directory that wait, 1 to %d (default: "
    "%d)\n"
    "  --limit N              read at most N files of a directory at a time, 1 to %d (default: "
    "%d)\n"
    "  --cancel NAME[:AFTER]  give this directory up when AFTER files of it are stored (default: "
    "1)\n"
    "  --help                 print this text\n"
    "\n"
    "In names, control characters are printed as \\ooo and the backslash as \\\\.\n"
    "Exit status: 0 all was read but what was cancelled, 1 something could not be (stderr says\n"
    "what), 2 wrong usage, 3 the counts do not add up.\n";

/* One line, in one piece. */
static void message(const char *what, const char *name, const char *why) {
  flockfile(stderr);
  fprintf(stderr, "crawl: %s '", what);
  put_name(stderr, name);
  fprintf(stderr, "'%s\n", why);
  funlockfile(stderr);
}

static int find_directory(const struct options *options, const char *name) {
  for (int i = 0; i < options->directories; i++) {
    if (strcmp(options->directory[i], name) == 0) return i;
  }
  return -1;
}

/* NAME or NAME:AFTER, and there may be a colon in a name. */
static void parse_cancel(struct options *options, char *text) {
  char *colon = strrchr(text, ':');
  options->cancel_after = 1;
  options->cancelled = find_directory(options, text);
  if (options->cancelled < 0 && colon != NULL) {
    *colon = 0;
    options->cancelled = find_directory(options, text);
    if (options->cancelled >= 0) {
      options->cancel_after = number("crawl", "AFTER of --cancel", colon + 1, 1, INT64_MAX);
    }
    *colon = ':';
  }
  if (options->cancelled < 0) {
    message("--cancel", text, " is none of the directories, nor one of them with :AFTER");
    exit(2);
  }
}

static void parse(struct options *options, int argc, char **argv) {
  static const struct option known[] = {
      {"workers", required_argument, NULL, 'w'}, {"bound", required_argument, NULL, 'b'},
      {"limit", required_argument, NULL, 'l'},   {"cancel", required_argument, NULL, 'c'},
      {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0}};
  char *cancelled = NULL;
  int option;
  while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
    switch (option) {
      case 'w':
        options->workers = (uint32_t)number("crawl", "--workers", optarg, 1, LIBSCHED_MAX_WORKERS);
        break;
      case 'b':
        options->bound = number("crawl", "--bound", optarg, 1, MAX_NUMBER);
        break;
      case 'l':
        options->limit = (uint32_t)number("crawl", "--limit", optarg, 1, MAX_NUMBER);
        break;
      case 'c':
        if (cancelled != NULL) {
          message("--cancel", optarg, " is one too many: only one directory can be cancelled");
          exit(2);
        }
        cancelled = optarg;
        break;
      case 'h':
        printf(help, LIBSCHED_MAX_WORKERS, MAX_NUMBER, DEFAULT_BOUND, MAX_NUMBER, DEFAULT_LIMIT);
        exit(fflush(stdout) == 0 ? 0 : 1);
      default: /* getopt_long has said what is wrong */
        fputs("Try: crawl --help\n", stderr);
        exit(2);
    }
  }
  options->directory = argv + optind;
  options->directories = argc - optind;
  if (options->directories == 0) {
    fputs("crawl: name the directories to read\nTry: crawl --help\n", stderr);
    exit(2);
  }
  if (cancelled != NULL) parse_cancel(options, cancelled);
}

#endif
