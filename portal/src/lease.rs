//! Who a portal is to others on the same catalog, where only one of them does something.

/// A name for a holder of leases that no other process has, nor this one after it was started again.
pub(crate) fn holder() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes)
        .map_err(|error| anyhow::anyhow!("the system gives no random bytes: {error}"))?;
    Ok(hex::encode(bytes))
}
