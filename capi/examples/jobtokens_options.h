/*
 * The command line of jobtokens.
 */
#ifndef JOBTOKENS_OPTIONS_H
#define JOBTOKENS_OPTIONS_H

#include <getopt.h>
#include <libsched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command_line.h"

enum { MOST_SLOTS = 65536, MOST_MS = 86400000 };

struct options {
  uint32_t take; /* 0: none */
  uint64_t hold_ms;
  uint32_t serve; /* slots; 0: no command is run */
  uint32_t style; /* LIBSCHED_JOBSERVER_PIPE, _FIFO or _BOTH */
  int broker;     /* of a pipe */
  char **command;
};

static const char help[] =
    "usage: jobtokens\n"
    "       jobtokens --take K [--hold MS]\n"
    "       jobtokens [--take K] --serve N [--style STYLE] -- COMMAND [ARGUMENT...]\n"
    "\n"
    "GNU make's jobserver. Alone: prints what make, cargo or ninja have handed down to this "
    "process.\n"
    "\n"
    "  --take K       take tokens for K jobs, wait until there are so many, and give them back at "
    "the\n"
    "                 end; the first job is the one that each process may run without a token\n"
    "  --hold MS      hold them for so many milliseconds (default: 0)\n"
    "  --serve N      be a jobserver of N slots, 1 to %d, for COMMAND and all that it starts; at "
    "its\n"
    "                 end say on stderr where the tokens are. Tokens of --take are held meanwhile\n"
    "  --style STYLE  how COMMAND finds the tokens:\n"
    "                   pipe    inherited descriptors: make, gcc, cargo (default)\n"
    "                   fifo    a file: make from 4.4 on, ninja from 1.13 on, cargo\n"
    "                   both    either\n"
    "                   broker  a pipe of its own, so that what is killed loses no token\n"
    "  --help         print this text\n"
    "\n"
    "Two processes that take one token after the other can wait for each other for ever.\n"
    "\n"
    "Exit status: that of COMMAND (126: it cannot be executed, 127: it was not found, 128 + S: "
    "signal\n"
    "S has ended it); else 0 all went well, 1 something failed (stderr says what), 2 wrong usage.\n"
    "SIGINT, SIGTERM and SIGHUP give the tokens back first; with --serve they go to COMMAND, whose "
    "end\n"
    "is waited for.\n";

static void wrong_usage(const char *why) {
  fprintf(stderr, "jobtokens: %s\nTry: jobtokens --help\n", why);
  exit(2);
}

static void set_style(struct options *options, const char *name) {
  static const char *const names[] = {"pipe", "fifo", "both", "broker"};
  static const uint32_t styles[] = {LIBSCHED_JOBSERVER_PIPE, LIBSCHED_JOBSERVER_FIFO,
                                    LIBSCHED_JOBSERVER_BOTH, LIBSCHED_JOBSERVER_PIPE};
  for (int i = 0; i < 4; i++) {
    if (strcmp(name, names[i]) != 0) continue;
    options->style = styles[i];
    options->broker = i == 3;
    return;
  }
  fputs("jobtokens: --style '", stderr);
  put_name(stderr, name);
  fputs("' is not pipe, fifo, both or broker\nTry: jobtokens --help\n", stderr);
  exit(2);
}

static void parse(struct options *options, int argc, char **argv) {
  static const struct option known[] = {
      {"take", required_argument, NULL, 't'},  {"hold", required_argument, NULL, 'd'},
      {"serve", required_argument, NULL, 's'}, {"style", required_argument, NULL, 'y'},
      {"help", no_argument, NULL, 'h'},        {NULL, 0, NULL, 0}};
  int option, holds = 0;
  /* "+": the options of COMMAND are not this program's. */
  while ((option = getopt_long(argc, argv, "+", known, NULL)) != -1) {
    switch (option) {
      case 't':
        options->take = (uint32_t)number("jobtokens", "--take", optarg, 1, MOST_SLOTS);
        break;
      case 'd':
        options->hold_ms = number("jobtokens", "--hold", optarg, 0, MOST_MS);
        holds = 1;
        break;
      case 's':
        options->serve = (uint32_t)number("jobtokens", "--serve", optarg, 1, MOST_SLOTS);
        break;
      case 'y':
        set_style(options, optarg);
        break;
      case 'h':
        printf(help, MOST_SLOTS);
        exit(fflush(stdout) == 0 ? 0 : 1);
      default: /* getopt_long has said what is wrong */
        fputs("Try: jobtokens --help\n", stderr);
        exit(2);
    }
  }
  options->command = argv + optind;
  const int commanded = optind < argc;
  if (options->serve != 0 && !commanded) wrong_usage("--serve needs a command to serve");
  if (options->serve == 0 && commanded) wrong_usage("a command is only run with --serve N");
  if (options->serve == 0 && options->style != 0) wrong_usage("--style goes with --serve");
  if (holds && options->take == 0) wrong_usage("--hold goes with --take");
  if (holds && options->serve != 0) wrong_usage("--hold does not go with --serve");
  if (options->style == 0) options->style = LIBSCHED_JOBSERVER_PIPE;
}

#endif
