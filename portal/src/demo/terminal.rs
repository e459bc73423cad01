//! What the demo says on the terminal: little, and to somebody who has never seen it.

use std::{
    io::{Write, stdout},
    net::SocketAddr,
    path::Path,
};

use super::account::Account;

/// Says a line. Whether anybody is there to read it makes no difference: the terminal may be gone.
pub(super) fn say(line: &str) {
    let mut out = stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Where to look and what to press.
pub(super) struct Pages {
    /// The portal.
    pub(super) portal: String,
    /// Buttons that break the shop.
    pub(super) faults: String,
    /// Buttons that deploy it.
    pub(super) releases: String,
}

/// What to open and how to sign in.
pub(super) fn welcome(pages: &Pages, account: &Account, folder: Option<&Path>) {
    let Pages { portal, faults, releases } = pages;
    say("Seaworthy watches a coffee shop: one reception, two baristas, and customers who come and go.\n");
    say(&format!("  Open       {portal}"));
    match (account, folder) {
        (Account::Made { login, password }, _) => {
            say(&format!("  Sign in    {login}"));
            say(&format!("  Password   {password}\n"));
        }
        (Account::ThereAlready, Some(folder)) => {
            say(&format!("  Sign in    with the account that {} has already\n", folder.display()));
            say("Its password was shown when it was made. To start afresh, name another folder with --data.");
        }
        (Account::ThereAlready, None) => say("  Sign in    with the account that is there already\n"),
    }
    say(&format!("  Break it   {faults}   buttons that let the reception fail, hang, leak, panic and more"));
    say(&format!("  Deploy it  {releases}   buttons that deploy a release, or roll it back\n"));
    say("The first figures show after half a minute. Now and then something goes wrong, and is told here.");
    match folder {
        Some(folder) => say(&format!("Everything is kept in {}.", folder.display())),
        None => say("Everything is in a temporary folder, and gone when the demo ends."),
    }
    say("Stop with Ctrl-C.\n");
}

/// The usual port is taken.
pub(super) fn other_port(taken: SocketAddr) {
    say(&format!(
        "Another program listens on {taken}, so the demo takes a free port. Choose one with --listen.\n"
    ));
}
