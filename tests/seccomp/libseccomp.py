"""Makes seccomp filters with libseccomp, for the tests to compare: rules as JSON on stdin, filters as JSON on stdout.

Input:  {"names": [...], "abis": [...], "sets": [{"abis": [...], "defaultAction": N, "badArch": N,
         "rules": [{"names": [...], "action": N, "conditions": [[index, op, "value", "valueTwo"]]}]}]}
Output: {"numbers": {abi: {name: number}}, "sets": [{"filter": base64} or {"error": text}]}
"""

import base64
import json
import sys
import tempfile

import seccomp

ABIS = {"x86_64": "x86_64", "i386": "x86", "x32": "x32", "aarch64": "aarch64", "arm": "arm"}
OPERATORS = {
    "SCMP_CMP_NE": seccomp.NE,
    "SCMP_CMP_LT": seccomp.LT,
    "SCMP_CMP_LE": seccomp.LE,
    "SCMP_CMP_EQ": seccomp.EQ,
    "SCMP_CMP_GE": seccomp.GE,
    "SCMP_CMP_GT": seccomp.GT,
    "SCMP_CMP_MASKED_EQ": seccomp.MASKED_EQ,
}


def signed(word):
    """The binding takes actions as a C int."""
    return word - (1 << 32) if word & 0x80000000 else word


def numbers(abi, names):
    """Resolves names; libseccomp gives negative numbers to calls that only other machines have."""
    arch = seccomp.Arch(ABIS[abi])
    return {name: seccomp.resolve_syscall(arch, name) for name in names}


def build(rule_set):
    """Builds one filter as runc does, from rules that it would add."""
    kept = seccomp.SyscallFilter(signed(rule_set["defaultAction"]))
    # The binding's own machine is there from the start; the first ABI of the set may be another one.
    for abi in rule_set["abis"]:
        if not kept.exist_arch(seccomp.Arch(ABIS[abi])):
            kept.add_arch(seccomp.Arch(ABIS[abi]))
    for abi in ABIS:
        if abi not in rule_set["abis"] and kept.exist_arch(seccomp.Arch(ABIS[abi])):
            kept.remove_arch(seccomp.Arch(ABIS[abi]))
    kept.set_attr(seccomp.Attr.ACT_BADARCH, signed(rule_set["badArch"]))
    for rule in rule_set["rules"]:
        for name in rule["names"]:
            arguments = [
                seccomp.Arg(index, OPERATORS[op], int(value), int(value_two))
                for index, op, value, value_two in rule["conditions"]
            ]
            kept.add_rule(signed(rule["action"]), name, *arguments)
    with tempfile.TemporaryFile() as file:
        kept.export_bpf(file)
        file.seek(0)
        return base64.b64encode(file.read()).decode()


def attempt(rule_set):
    """Builds a filter, or tells why libseccomp does not."""
    try:
        return {"filter": build(rule_set)}
    except Exception as error:  # whatever it is, the test decides whether it was expected
        return {"error": repr(error)}


def main():
    request = json.load(sys.stdin)
    answer = {
        "numbers": {abi: numbers(abi, request["names"]) for abi in request["abis"]},
        "sets": [attempt(rule_set) for rule_set in request["sets"]],
    }
    json.dump(answer, sys.stdout)


main()
