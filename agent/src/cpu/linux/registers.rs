//! From where a stack is unwound, by architecture.

use framehop::UnwindRegsNative;

/// The registers that unwinding begins with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Registers {
    pub(super) instruction: u64,
    pub(super) stack: u64,
    pub(super) frame: u64,
    /// Where the function returns to; on x86-64 that is on the stack.
    #[cfg(target_arch = "aarch64")]
    pub(super) link: u64,
}

impl Registers {
    pub(super) const ZERO: Self = Self {
        instruction: 0,
        stack: 0,
        frame: 0,
        #[cfg(target_arch = "aarch64")]
        link: 0,
    };

    /// Of the thread that a signal interrupted. For use in a handler: reads and nothing else.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn of(context: &libc::ucontext_t) -> Self {
        let register = |number: libc::c_int| {
            context.uc_mcontext.gregs.get(number as usize).copied().unwrap_or_default() as u64
        };
        Self {
            instruction: register(libc::REG_RIP),
            stack: register(libc::REG_RSP),
            frame: register(libc::REG_RBP),
        }
    }

    /// Of the thread that a signal interrupted. For use in a handler: reads and nothing else.
    #[cfg(target_arch = "aarch64")]
    pub(super) fn of(context: &libc::ucontext_t) -> Self {
        let registers = &context.uc_mcontext;
        Self {
            instruction: registers.pc as u64,
            stack: registers.sp as u64,
            frame: registers.regs[29] as u64,
            link: registers.regs[30] as u64,
        }
    }

    #[cfg(target_arch = "x86_64")]
    pub(super) fn to_unwind(self) -> UnwindRegsNative {
        UnwindRegsNative::new(self.instruction, self.stack, self.frame)
    }

    /// Return addresses may be signed in the bits that addresses of 48 bits leave free.
    #[cfg(target_arch = "aarch64")]
    pub(super) fn to_unwind(self) -> UnwindRegsNative {
        let mask = framehop::aarch64::PtrAuthMask::from_max_known_address((1 << 48) - 1);
        UnwindRegsNative::new_with_ptr_auth_mask(mask, self.link, self.stack, self.frame)
    }
}
