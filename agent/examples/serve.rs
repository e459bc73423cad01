//! The smallest service under watch, on one core: `cargo run -p seaworthy-agent --example serve`.

use std::time::Duration;

use axum::{Router, extract::Path, routing::get};
use seaworthy_agent::{Agent, StartError, health::HealthCheck};
use tokio::{net::TcpListener, time::sleep};

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Agent(#[from] StartError),
    #[error("cannot listen on 127.0.0.1: {0}")]
    Listen(#[from] std::io::Error),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let boiler = HealthCheck::new("boiler", || async { Ok::<(), Error>(()) }).critical();
    let agent = Agent::builder("kiosk").version(env!("CARGO_PKG_VERSION")).health_check(boiler).start()?;
    let brew = |Path(ms): Path<u64>| async move {
        sleep(Duration::from_millis(ms)).await;
        "espresso"
    };
    let router = Router::new().route("/brew/{ms}", get(brew));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    agent.serve(listener, router).await;
    agent.stop().await;
    Ok(())
}
