/**
 * What a seccomp filter is made of: classic BPF, the data it looks at, its verdicts.
 * Pure. Source: include/uapi/linux/bpf_common.h, filter.h, seccomp.h, audit.h, elf-em.h,
 * arch/x86/include/uapi/asm/unistd.h, Linux 6.12; seccomp(2).
 */

/** Parts of an instruction's code. Seccomp takes no others, but for the scratch memory. */
export const BPF = {
  BPF_LD: 0x00,
  BPF_ALU: 0x04,
  BPF_JMP: 0x05,
  BPF_RET: 0x06,
  BPF_W: 0x00,
  BPF_ABS: 0x20,
  BPF_AND: 0x50,
  BPF_JA: 0x00,
  BPF_JEQ: 0x10,
  BPF_JGT: 0x20,
  BPF_JGE: 0x30,
  BPF_JSET: 0x40,
  BPF_K: 0x00,
} as const;

/** Longest filter, in instructions. */
export const BPF_MAXINSNS = 4096;

/** Bytes of an instruction, `struct sock_filter`: code 16 bits, jt 8, jf 8, k 32. */
export const SOCK_FILTER_SIZE = 8;

/** Verdicts: the upper half of the word that a filter returns; the lower half is an errno or a tracer's message. */
export const SECCOMP_RET = {
  SECCOMP_RET_KILL_PROCESS: 0x80000000,
  SECCOMP_RET_KILL_THREAD: 0x00000000,
  SECCOMP_RET_TRAP: 0x00030000,
  SECCOMP_RET_ERRNO: 0x00050000,
  SECCOMP_RET_USER_NOTIF: 0x7fc00000,
  SECCOMP_RET_TRACE: 0x7ff00000,
  SECCOMP_RET_LOG: 0x7ffc0000,
  SECCOMP_RET_ALLOW: 0x7fff0000,
} as const;

/** Masks of the two halves. */
export const SECCOMP_RET_MASK = {
  SECCOMP_RET_ACTION_FULL: 0xffff0000,
  SECCOMP_RET_DATA: 0x0000ffff,
} as const;

/** Offsets in `struct seccomp_data`; six arguments of 64 bits, each with its lower half first. */
export const SECCOMP_DATA = { nr: 0, arch: 4, instruction_pointer: 8, args: 16 } as const;

/** What `seccomp_data.arch` holds. x32 is told from x86_64 by {@linkcode X32_SYSCALL_BIT} alone. */
export const AUDIT_ARCH = {
  AUDIT_ARCH_X86_64: 0xc000003e,
  AUDIT_ARCH_I386: 0x40000003,
  AUDIT_ARCH_AARCH64: 0xc00000b7,
  AUDIT_ARCH_ARM: 0x40000028,
} as const;

/** Set in the number of every x32 call: `__X32_SYSCALL_BIT`. */
export const X32_SYSCALL_BIT = 0x40000000;

/** First of arm's own numbers, far above all others: `__ARM_NR_BASE` of arch/arm/include/uapi/asm/unistd.h. */
export const ARM_NR_BASE = 0x0f0000;
