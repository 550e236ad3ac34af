/* The first program of a machine, for measuring its boot: says a word and switches the machine off (as process 1 on Linux), or ends. */
#include <sys/reboot.h>
#include <unistd.h>
int main(void) { if (write(1, "first\n", 6) != 6) return 1; if (getpid() == 1) { reboot(RB_POWER_OFF); } return 0; }
