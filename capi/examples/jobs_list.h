/*
 * Reads a list of jobs into a graph. Each line is a job:
 *
 *     name: the jobs it waits for ; command
 *
 * Both parts behind the colon may be left out. The command is for /bin/sh, to the end of the line. Empty lines, and those that begin
 * with #, say nothing.
 */
#ifndef JOBS_LIST_H
#define JOBS_LIST_H

#include <errno.h>
#include <libsched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "command_line.h"

/* A list, with the line of each of its jobs. */
struct list {
  const char *path;
  unsigned long *lines;
  size_t count;
  size_t room;
  unsigned long line; /* that is being read */
  int broken;
};

static const char blanks[] = " \t\r\n";

/* A line that says nothing. */
static int is_empty(const char *text) {
  text += strspn(text, blanks);
  return *text == 0 || *text == '#';
}

static void report(const struct list *list, unsigned long line, const char *message) {
  put_name(stderr, list->path);
  fprintf(stderr, ":%lu: ", line);
  put_name(stderr, message);
  putc('\n', stderr);
}

static int add_line(struct list *list) {
  if (list->count == list->room) {
    const size_t room = list->room != 0 ? 2 * list->room : 64;
    unsigned long *lines = realloc(list->lines, room * sizeof *lines);
    if (lines == NULL) return -ENOMEM;
    list->lines = lines;
    list->room = room;
  }
  list->lines[list->count++] = list->line;
  return LIBSCHED_OK;
}

static int add_job(struct list *list, libsched_graph *graph, const char *name, char *dependencies,
                   const char *command) {
  const char *argv[] = {command, NULL};
  libsched_job_options options = LIBSCHED_JOB_OPTIONS_INIT;
  uint64_t job;
  int status = add_line(list);
  options.name = name;
  if (command != NULL) {
    options.flags = LIBSCHED_JOB_SHELL;
    options.argv = argv;
  }
  if (status == LIBSCHED_OK) status = libsched_graph_add(&job, graph, &options, NULL);
  /* They may come later: whether all have come is seen when the graph is frozen. */
  for (char *rest, *other = strtok_r(dependencies, blanks, &rest);
       other != NULL && status == LIBSCHED_OK; other = strtok_r(NULL, blanks, &rest)) {
    status = libsched_graph_depend_name(graph, name, other, LIBSCHED_FINISHED, NULL);
  }
  return status;
}

/* What is wrong with a line is reported, and does not end the reading. */
static int read_job(struct list *list, libsched_graph *graph, char *text) {
  const char *wrong = NULL;
  char *command, *name, *rest;
  const size_t colon = strcspn(text, ":;");
  if (text[colon] != ':') {
    wrong = "expected 'name: jobs it waits for ; command', found no ':' behind a name";
  } else {
    char *const dependencies = text + colon + 1;
    text[colon] = 0;
    command = strchr(dependencies, ';');
    if (command != NULL) {
      *command++ = 0;
      for (size_t end = strlen(command); end != 0 && strchr("\r\n", command[end - 1]) != NULL;) {
        command[--end] = 0;
      }
      if (is_empty(command)) wrong = "expected a command behind ';', or no ';'";
    }
    name = strtok_r(text, blanks, &rest);
    if (name == NULL) wrong = "expected a name before ':'";
    if (name != NULL && strtok_r(NULL, blanks, &rest) != NULL) {
      wrong = "expected one name before ':', found several words";
    }
    if (wrong == NULL) return add_job(list, graph, name, dependencies, command);
  }
  report(list, list->line, wrong);
  list->broken = 1;
  return LIBSCHED_OK;
}

/* Returns LIBSCHED_OK also if the list is broken. */
static int read_jobs(struct list *list, libsched_graph *graph, FILE *file) {
  char *text = NULL;
  size_t room = 0;
  ssize_t length;
  int status = LIBSCHED_OK;
  while (status == LIBSCHED_OK && (errno = 0, length = getline(&text, &room, file)) >= 0) {
    ++list->line;
    if (strlen(text) != (size_t)length) {
      report(list, list->line, "expected text, found a byte 0");
      list->broken = 1;
    } else if (!is_empty(text)) {
      status = read_job(list, graph, text);
    }
  }
  if (status == LIBSCHED_OK && !feof(file)) status = errno != 0 ? -errno : -EIO;
  free(text);
  return status;
}

/* The exit status: 0 all is well, 1 it cannot be read, 2 the list is broken. */
static int read_list(struct list *list, libsched_graph *graph) {
  libsched_error *error = NULL;
  FILE *const file = fopen(list->path, "r");
  int status = file != NULL ? read_jobs(list, graph, file) : -errno;
  if (file != NULL) fclose(file);
  if (status != LIBSCHED_OK) {
    fputs("jobs: cannot read ", stderr);
    put_name(stderr, list->path);
    fprintf(stderr, ": %s\n", libsched_status_message(status));
    return 1;
  }
  if (list->broken) return 2;
  status = libsched_graph_freeze(graph, &error);
  list->broken = status == -EEXIST || status == -ENOENT || status == LIBSCHED_E_CYCLE;
  if (list->broken) {
    report(list, list->lines[libsched_error_offset(error)], libsched_error_message(error));
  } else if (status != LIBSCHED_OK) {
    fprintf(stderr, "jobs: %s\n", libsched_status_message(status));
  }
  libsched_error_free(error);
  return status == LIBSCHED_OK ? 0 : list->broken ? 2 : 1;
}

#endif
