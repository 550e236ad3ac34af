"""Who a process is: user and group identities and the capabilities that follow from them. (credentials(7), capabilities(7))

Capability sets are plain masks indexed by capability number. The rules that tie them to user identities are those of a thread
without SECBIT flags other than "keep capabilities": becoming non-root loses them, becoming root again by euid regains the effective ones.
"""

from typing import Final

from scarlet.lang.errno import EPERM, Errno

CAP_CHOWN: Final = 0
CAP_DAC_OVERRIDE: Final = 1
CAP_DAC_READ_SEARCH: Final = 2
CAP_FOWNER: Final = 3
CAP_FSETID: Final = 4
CAP_KILL: Final = 5
CAP_SETGID: Final = 6
CAP_SETUID: Final = 7
CAP_SETPCAP: Final = 8
CAP_LINUX_IMMUTABLE: Final = 9
CAP_NET_BIND_SERVICE: Final = 10
CAP_NET_BROADCAST: Final = 11
CAP_NET_ADMIN: Final = 12
CAP_NET_RAW: Final = 13
CAP_IPC_LOCK: Final = 14
CAP_SYS_CHROOT: Final = 18
CAP_SYS_PTRACE: Final = 19
CAP_SYS_ADMIN: Final = 21
CAP_SYS_BOOT: Final = 22
CAP_SYS_NICE: Final = 23
CAP_SYS_RESOURCE: Final = 24
CAP_SYS_TIME: Final = 25
CAP_SYS_TTY_CONFIG: Final = 26
CAP_MKNOD: Final = 27
CAP_LEASE: Final = 28
CAP_SYSLOG: Final = 34
CAP_LAST: Final = 40

ALL_CAPABILITIES: Final = (1 << CAP_LAST + 1) - 1
FILE_CAPABILITIES: Final = (
    1 << CAP_CHOWN | 1 << CAP_DAC_OVERRIDE | 1 << CAP_DAC_READ_SEARCH | 1 << CAP_FOWNER | 1 << CAP_FSETID | 1 << CAP_MKNOD
)
"""What follows the file-system user rather than the effective one."""
MAX_GROUPS: Final = 65536


class Credentials:
    """The identities of one process. The object is changed in place, so shortcuts to it stay valid; fork() copies it."""

    def __init__(self, uid: int = 0, gid: int = 0) -> None:
        self.uid = uid
        self.euid = uid
        self.suid = uid
        self.fsuid = uid
        self.gid = gid
        self.egid = gid
        self.sgid = gid
        self.fsgid = gid
        self.groups: list[int] = []
        self.permitted = ALL_CAPABILITIES if uid == 0 else 0
        self.effective = self.permitted
        self.inheritable = 0
        self.bounding = ALL_CAPABILITIES
        self.keep_capabilities = False

    def fork(self) -> "Credentials":
        """A copy for a child."""
        copy = Credentials(self.uid, self.gid)
        copy.euid = self.euid
        copy.suid = self.suid
        copy.fsuid = self.fsuid
        copy.egid = self.egid
        copy.sgid = self.sgid
        copy.fsgid = self.fsgid
        copy.groups = self.groups.copy()
        copy.permitted = self.permitted
        copy.effective = self.effective
        copy.inheritable = self.inheritable
        copy.bounding = self.bounding
        copy.keep_capabilities = self.keep_capabilities
        return copy

    def capable(self, capability: int) -> bool:
        """Is the capability in the effective set?"""
        return self.effective >> capability & 1 != 0

    def require(self, capability: int, reason: str) -> None:
        """EPERM with the reason unless the capability is effective."""
        if not self.capable(capability):
            raise Errno(EPERM, reason)

    def in_group(self, gid: int) -> bool:
        """Is gid the file-system group or a supplementary one?"""
        return gid == self.fsgid or gid in self.groups

    # Users. Each setter takes -1 for "leave it".

    def set_user(self, uid: int) -> None:
        """All identities for the privileged, else the effective one to a value already held. EPERM. (setuid(2))"""
        if self.capable(CAP_SETUID):
            self._assign_users(uid, uid, uid)
        elif uid in (self.uid, self.suid):
            self._assign_users(self.uid, uid, self.suid)
        else:
            raise Errno(EPERM, "not an identity of this process")

    def set_users(self, real: int, effective: int, saved: int) -> None:
        """EPERM unless each new value is one already held or the caller is privileged. (setresuid(2))"""
        if not self.capable(CAP_SETUID):
            for uid in (real, effective, saved):
                if uid not in (-1, self.uid, self.euid, self.suid):
                    raise Errno(EPERM, "not an identity of this process")
        self._assign_users(
            self.uid if real == -1 else real,
            self.euid if effective == -1 else effective,
            self.suid if saved == -1 else saved,
        )

    def set_real_and_effective_user(self, real: int, effective: int) -> None:
        """The saved identity follows when the real one is set or the effective one leaves it. EPERM. (setreuid(2))"""
        if not self.capable(CAP_SETUID):
            if real not in (-1, self.uid, self.euid):
                raise Errno(EPERM, "not an identity of this process")
            if effective not in (-1, self.uid, self.euid, self.suid):
                raise Errno(EPERM, "not an identity of this process")
        new_real = self.uid if real == -1 else real
        new_effective = self.euid if effective == -1 else effective
        follows = real != -1 or (effective != -1 and effective != self.uid)
        self._assign_users(new_real, new_effective, new_effective if follows else self.suid)

    def set_file_user(self, uid: int) -> int:
        """The previous file-system user; changed only when allowed, without an error otherwise. (setfsuid(2))"""
        previous = self.fsuid
        if uid in (self.uid, self.euid, self.suid, self.fsuid) or self.capable(CAP_SETUID):
            if previous == 0 and uid != 0:
                self.effective &= ~FILE_CAPABILITIES
            if previous != 0 and uid == 0:
                self.effective |= self.permitted & FILE_CAPABILITIES
            self.fsuid = uid
        return previous

    def _assign_users(self, real: int, effective: int, saved: int) -> None:
        was_root = self.uid == 0 or self.euid == 0 or self.suid == 0
        was_effective_root = self.euid == 0
        self.uid = real
        self.euid = effective
        self.suid = saved
        self.fsuid = effective
        is_root = real == 0 or effective == 0 or saved == 0
        if was_root and not is_root and not self.keep_capabilities:
            self.permitted = 0
            self.effective = 0
        if was_effective_root and effective != 0:
            self.effective = 0
        if not was_effective_root and effective == 0:
            self.effective = self.permitted

    # Groups.

    def set_group(self, gid: int) -> None:
        """As set_user for groups. EPERM. (setgid(2))"""
        if self.capable(CAP_SETGID):
            self._assign_groups(gid, gid, gid)
        elif gid in (self.gid, self.sgid):
            self._assign_groups(self.gid, gid, self.sgid)
        else:
            raise Errno(EPERM, "not a group of this process")

    def set_group_identities(self, real: int, effective: int, saved: int) -> None:
        """As set_users for groups. EPERM. (setresgid(2))"""
        if not self.capable(CAP_SETGID):
            for gid in (real, effective, saved):
                if gid not in (-1, self.gid, self.egid, self.sgid):
                    raise Errno(EPERM, "not a group of this process")
        self._assign_groups(
            self.gid if real == -1 else real,
            self.egid if effective == -1 else effective,
            self.sgid if saved == -1 else saved,
        )

    def set_real_and_effective_group(self, real: int, effective: int) -> None:
        """As set_real_and_effective_user for groups. EPERM. (setregid(2))"""
        if not self.capable(CAP_SETGID):
            if real not in (-1, self.gid, self.egid):
                raise Errno(EPERM, "not a group of this process")
            if effective not in (-1, self.gid, self.egid, self.sgid):
                raise Errno(EPERM, "not a group of this process")
        new_real = self.gid if real == -1 else real
        new_effective = self.egid if effective == -1 else effective
        follows = real != -1 or (effective != -1 and effective != self.gid)
        self._assign_groups(new_real, new_effective, new_effective if follows else self.sgid)

    def set_file_group(self, gid: int) -> int:
        """The previous file-system group, as set_file_user. (setfsgid(2))"""
        previous = self.fsgid
        if gid in (self.gid, self.egid, self.sgid, self.fsgid) or self.capable(CAP_SETGID):
            self.fsgid = gid
        return previous

    def set_supplementary_groups(self, groups: list[int]) -> None:
        """EPERM unless privileged. (setgroups(2))"""
        self.require(CAP_SETGID, "setting groups needs CAP_SETGID")
        self.groups = sorted(groups)

    def _assign_groups(self, real: int, effective: int, saved: int) -> None:
        self.gid = real
        self.egid = effective
        self.sgid = saved
        self.fsgid = effective

    # Exec.

    def become(self, euid: int, egid: int) -> None:
        """The identities that an executed file gives, the present ones when it has no set-ID bits; capabilities begin anew. (execve(2))"""
        self.euid = euid
        self.suid = euid
        self.fsuid = euid
        self.egid = egid
        self.sgid = egid
        self.fsgid = egid
        root = self.uid == 0 or euid == 0
        self.permitted = self.bounding | self.inheritable if root else 0
        self.effective = self.permitted if euid == 0 else 0
        self.keep_capabilities = False
