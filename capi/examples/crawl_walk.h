/*
 * The walking of crawl: finds the regular files below a directory, one after the other.
 */
#ifndef CRAWL_WALK_H
#define CRAWL_WALK_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct walk {
  /* Gets a file's path, to be freed. 0: the walk ends. */
  int (*found)(struct walk *walk, char *path);
  /* A directory cannot be read, for this errno. */
  void (*unreadable)(struct walk *walk, const char *path, int error);
};

/* A directory that is still to be looked into. */
struct directory {
  struct directory *next;
  char *path;
};

/* NULL: no memory. */
static char *join_path(const char *directory, const char *name) {
  size_t length = strlen(directory), size = strlen(name) + 1;
  size_t slash = length > 0 && directory[length - 1] != '/';
  char *path = malloc(length + slash + size);
  if (path == NULL) return NULL;
  memcpy(path, directory, length);
  if (slash) path[length] = '/';
  memcpy(path + length + slash, name, size);
  return path;
}

/* Puts a directory before the others. Takes the path. 0: no memory. */
static int add_directory(struct directory **todo, char *path) {
  struct directory *directory = path == NULL ? NULL : malloc(sizeof *directory);
  if (directory == NULL) {
    free(path);
    return 0;
  }
  directory->path = path;
  directory->next = *todo;
  *todo = directory;
  return 1;
}

/* One directory. 0: the walk ends. */
static int look_into(struct walk *walk, const char *path, struct directory **todo) {
  int going = 1;
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *dir = fd < 0 ? NULL : fdopendir(fd);
  struct dirent *entry;

  if (dir == NULL) {
    walk->unreadable(walk, path, errno);
    if (fd >= 0) close(fd);
    return 1;
  }
  while (going && (errno = 0, entry = readdir(dir)) != NULL) {
    struct stat st;
    char *name;
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    /* Where this fails, opening the file will tell why. */
    if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) st.st_mode = S_IFREG;
    if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)) continue;
    name = join_path(path, entry->d_name);
    if (S_ISDIR(st.st_mode) ? !add_directory(todo, name) : name == NULL) {
      errno = ENOMEM;
      break;
    }
    if (S_ISREG(st.st_mode)) going = walk->found(walk, name);
  }
  if (going && errno != 0) walk->unreadable(walk, path, errno);
  closedir(dir);
  return going;
}

/* The whole tree. Symbolic links are not followed; devices, fifos and sockets are left alone. */
static void walk_tree(struct walk *walk, const char *root) {
  struct directory *todo = NULL;
  int going = add_directory(&todo, join_path("", root));
  if (!going) walk->unreadable(walk, root, ENOMEM);
  while (todo != NULL) {
    struct directory *directory = todo;
    todo = directory->next;
    if (going) going = look_into(walk, directory->path, &todo);
    free(directory->path);
    free(directory);
  }
}

#endif
