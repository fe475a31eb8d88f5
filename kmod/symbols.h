/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses of the kernel's functions. */
#ifndef JOBWARD_SYMBOLS_H
#define JOBWARD_SYMBOLS_H

/* How far behind its address a function's ftrace site may lie: an ENDBR of four bytes goes before it on x86. */
#define JW_FENTRY_MAX 16

/**
 * jw_symbols_find() - where functions are
 * @names: @n of them
 * @addrs: out; 0 for a function that this kernel does not have
 * @n: how many
 *
 * By kprobes that are never armed, which look a name up once. ftrace's own filters by name look up each of some 50,000 sites instead.
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int jw_symbols_find(const char *const *names, unsigned long *addrs, unsigned int n);

#endif
