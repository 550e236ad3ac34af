/* timed: how long a command takes. timed NAME COMMAND [ARGUMENT ...] prints a line of rvbench's form, in microseconds. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static double now(void) { struct timespec t; syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t); return t.tv_sec * 1e6 + t.tv_nsec / 1e3; }

int main(int c, char **v)
{
    int status = 0;
    if (c < 3) return 2;
    double start = now();
    pid_t child = fork();
    if (child == 0) { execvp(v[2], v + 2); perror(v[2]); _exit(127); }
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) { fprintf(stderr, "%s: status %d\n", v[1], status); return 1; }
    printf("%s %.0f us\n", v[1], now() - start);
    return 0;
}
