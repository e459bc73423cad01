//! The coffee shop: one reception and two baristas.

use std::{ffi::OsString, fs, net::SocketAddr, path::PathBuf};

use anyhow::Context;
use tokio::sync::watch;

use super::{
    releases::{Pipeline, Release},
    staff::{Duty, Staff},
};

/// What the shop needs to open.
pub(super) struct ShopSettings {
    /// Folder for its database and logs; made if need be.
    pub(super) folder: PathBuf,
    /// The portal that watches it.
    pub(super) portal: String,
    /// What opens that portal.
    pub(super) token: String,
}

/// An open shop.
#[derive(Debug)]
pub(super) struct Shop {
    pub(super) reception: Staff,
    pub(super) baristas: [Staff; 2],
}

impl Shop {
    /// Opens, and returns when customers may come.
    pub(super) async fn open(settings: &ShopSettings, pipeline: &Pipeline) -> anyhow::Result<Self> {
        let folder = &settings.folder;
        fs::create_dir_all(folder).with_context(|| format!("could not make {}", folder.display()))?;
        let barista = |name| Staff::hire(settings.duty(name, vec!["barista".into()], None));
        let (one, two) = tokio::try_join!(barista("first barista"), barista("second barista"))?;
        let mut arguments = vec!["reception".into(), "--database".into(), folder.join("orders.db").into()];
        for barista in [&one, &two] {
            arguments.extend(["--barista".into(), OsString::from(url(barista.addresses().listen))]);
        }
        let reception =
            Staff::hire(settings.duty("reception", arguments, Some(pipeline.subscribe()))).await?;
        Ok(Self { reception, baristas: [one, two] })
    }

    /// Where everybody tells how they are.
    pub(super) fn admin_addresses(&self) -> Vec<SocketAddr> {
        let everybody = [&self.reception].into_iter().chain(&self.baristas);
        everybody.filter_map(|staff| staff.addresses().admin).collect()
    }

    /// Has everybody finish and leave.
    pub(super) async fn close(self) {
        let [one, two] = self.baristas;
        tokio::join!(self.reception.dismiss(), one.dismiss(), two.dismiss());
    }
}

impl ShopSettings {
    fn duty(
        &self,
        name: &'static str,
        arguments: Vec<OsString>,
        releases: Option<watch::Receiver<Release>>,
    ) -> Duty {
        Duty {
            name,
            arguments,
            log: self.folder.join(format!("{}.log", name.replace(' ', "-"))),
            portal: self.portal.clone(),
            token: self.token.clone(),
            releases,
        }
    }
}

/// How a client of this machine reaches the address.
pub(super) fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}
