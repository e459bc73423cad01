//! A service whose allocator is jemalloc, and that holds 32 MiB: `_RJEM_MALLOC_CONF=prof:true cargo run -p seaworthy-agent
//! --features jemalloc --example jemalloc`.

use std::io::stdin;

use seaworthy_agent::Agent;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[inline(never)]
fn hoard() -> Vec<Vec<u8>> {
    (0..32).map(|_| vec![1; 1 << 20]).collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let agent = Agent::builder("warehouse").start()?;
    let hoarded = hoard();
    if let Some(address) = agent.admin_address() {
        println!("{address}");
    }
    stdin().read_line(&mut String::new())?;
    drop(hoarded);
    Ok(())
}
