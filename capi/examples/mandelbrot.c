/*
 * mandelbrot: draws the Mandelbrot set with a parallel loop over its lines, as a PPM picture.
 *
 *     cc -O2 -o mandelbrot mandelbrot.c $(pkg-config --cflags --libs sched)
 *     ./mandelbrot picture.ppm 1920
 *
 * Lines differ much in how long they take: the loop hands them out in small parts, and idle workers take them over.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <libsched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_STEPS = 1000 };

struct picture {
  unsigned char *pixels; /* red, green, blue */
  unsigned long width, height;
};

static void check(int status, const char *what) {
  if (status == LIBSCHED_OK) return;
  fprintf(stderr, "mandelbrot: %s: %s (%s)\n", what, libsched_status_message(status),
          libsched_status_name(status));
  exit(1);
}

/* How many steps z = z * z + c takes to leave the circle of radius 2; MAX_STEPS if it does not. */
static int steps(double x, double y) {
  double a = 0, b = 0;
  int n;
  for (n = 0; n < MAX_STEPS && a * a + b * b <= 4; ++n) {
    const double t = a * a - b * b + x;
    b = 2 * a * b + y;
    a = t;
  }
  return n;
}

static int draw_line(libsched_task *task, uint64_t line, void *user_data) {
  const struct picture *picture = user_data;
  unsigned char *pixel = picture->pixels + 3 * picture->width * line;
  const double scale = 3.0 / (double)picture->width;
  unsigned long column;
  (void)task;
  for (column = 0; column < picture->width; ++column, pixel += 3) {
    const int n = steps(((double)column + 0.5) * scale - 2.25,
                        ((double)line + 0.5 - (double)picture->height / 2) * scale);
    const int shade = n == MAX_STEPS ? 0 : 255 - 200 / (1 + n / 4);
    pixel[0] = (unsigned char)(shade / 2);
    pixel[1] = (unsigned char)(n == MAX_STEPS ? 0 : (n * 7) % 256 / 2 + shade / 4);
    pixel[2] = (unsigned char)shade;
  }
  return 0;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int write_picture(const struct picture *picture, const char *path) {
  FILE *file = fopen(path, "wb");
  int good;
  if (file == NULL) return 0;
  good = fprintf(file, "P6\n%lu %lu\n255\n", picture->width, picture->height) > 0 &&
         fwrite(picture->pixels, 3 * picture->width, picture->height, file) == picture->height;
  /* A full disk may show only now. */
  return fclose(file) == 0 && good;
}

static int usage(void) {
  fprintf(stderr,
          "usage: mandelbrot FILE [WIDTH [WORKERS]]\n"
          "WIDTH: 16 to 20000 pixels, else 1200; WORKERS: 1 to 1024, else as many as CPUs\n");
  return 2;
}

/* A number from least to most, or 0. */
static unsigned long number(const char *text, unsigned long least, unsigned long most) {
  char *end;
  const unsigned long value = strtoul(text, &end, 10);
  return *text >= '0' && *text <= '9' && *end == '\0' && value >= least && value <= most ? value
                                                                                         : 0;
}

int main(int argc, char **argv) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_pool *pool;
  struct picture picture;
  double start;
  picture.width = 1200;
  if (argc < 2 || argc > 4) return usage();
  if (argc > 2 && (picture.width = number(argv[2], 16, 20000)) == 0) return usage();
  if (argc > 3 && (options.workers = (uint32_t)number(argv[3], 1, LIBSCHED_MAX_WORKERS)) == 0)
    return usage();
  picture.height = picture.width * 2 / 3;
  picture.pixels = malloc(3 * picture.width * picture.height);
  if (picture.pixels == NULL) {
    fprintf(stderr, "mandelbrot: no memory for %lu x %lu pixels\n", picture.width, picture.height);
    return 1;
  }
  check(libsched_pool_create(&pool, &options, NULL), "create a pool");
  start = now();
  check(libsched_parallel_for(NULL, pool, LIBSCHED_NORMAL, 0, picture.height, 1, draw_line,
                              &picture, NULL, NULL),
        "draw");
  printf("%lu x %lu pixels in %.3f s\n", picture.width, picture.height, now() - start);
  check(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, NULL, NULL), "shut down");
  libsched_pool_unref(pool);
  if (!write_picture(&picture, argv[1])) {
    fprintf(stderr, "mandelbrot: cannot write %s: %s\n", argv[1], strerror(errno));
    return 1;
  }
  free(picture.pixels);
  return 0;
}
