// machine.mjs - what a process and the whole machine have used, from /proc: for measurements.

import { readFileSync, readdirSync } from 'node:fs';

const TICKS_PER_S = 100; // of /proc on Linux

export const sleep = (ms) => new Promise((fulfil) => setTimeout(fulfil, ms));

export function residentKib(pid) {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
}

export function cpuSeconds(pid) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');

    return { user: Number(fields[11]) / TICKS_PER_S, system: Number(fields[12]) / TICKS_PER_S };
}

/* What its threads have run, to the nanosecond; cpuSeconds() tells how much of it was the kernel. */
export function runSeconds(pid) {
    const threads = readdirSync(`/proc/${pid}/task`);
    const read = (thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);

    return threads.reduce((sum, thread) => sum + read(thread), 0) / 1e9;
}

/* What all cores did since boot: how much of the machine is left tells what a measurement is worth. */
export function machine() {
    const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/\s+/).slice(1, 9).map(Number);

    return { idle: fields[3] + fields[4], steal: fields[7], all: fields.reduce((a, b) => a + b) };
}
