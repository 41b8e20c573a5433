#include "shared/host/slice.h"

#include <linux/sched/types.h>
#include <sys/syscall.h>
#include <unistd.h>

void slice_ask_us(uint32_t slice_us)
{
    struct sched_attr attr = {.size = sizeof attr};

    if (syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0) != 0) return;
    attr.sched_runtime = slice_us * UINT64_C(1000);
    (void)syscall(SYS_sched_setattr, 0, &attr, 0);
}
