//! Like `serve`, for a service that serves with `axum::serve`, on as many threads as fit: `cargo run -p seaworthy-agent --example axum_serve`.

use std::time::Duration;

use axum::{Router, extract::Path, routing::get};
use seaworthy_agent::{Agent, StartError};
use tokio::{net::TcpListener, time::sleep};

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Agent(#[from] StartError),
    #[error("cannot serve on 127.0.0.1: {0}")]
    Serve(#[from] std::io::Error),
}

fn main() -> Result<(), Error> {
    seaworthy_agent::runtime()?.block_on(serve())
}

async fn serve() -> Result<(), Error> {
    let agent = Agent::builder("kiosk").version(env!("CARGO_PKG_VERSION")).start()?;
    let brew = |Path(ms): Path<u64>| async move {
        sleep(Duration::from_millis(ms)).await;
        "espresso"
    };
    let router = Router::new().route("/brew/{ms}", get(brew)).layer(agent.layer());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    axum::serve(listener, router).with_graceful_shutdown(agent.shutdown_signal()).await?;
    agent.stop().await;
    Ok(())
}
