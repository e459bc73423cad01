//! Asks jemalloc by its `mallctl`.
#![allow(unsafe_code, reason = "mallctl takes and gives what its names say")]

use std::{
    env,
    ffi::CString,
    fs::{self, DirBuilder},
    io,
    os::unix::{ffi::OsStrExt, fs::DirBuilderExt},
    path::PathBuf,
};

use tikv_jemalloc_ctl::raw;

use crate::trace::ids;

/// Whether jemalloc samples: it was told so when the process began (`prof:true`), and nobody has switched it off. It is then the
/// allocator of the service, for nobody tells one that is not.
pub(crate) fn is_sampling() -> bool {
    // SAFETY: both are of type bool by jemalloc's manual. A build without profiling has them as well, and says false or fails.
    let [built, active] =
        [b"opt.prof\0".as_slice(), b"prof.active\0"].map(|name| unsafe { raw::read::<bool>(name) });
    matches!((built, active), (Ok(true), Ok(true)))
}

/// The profile as jemalloc writes it.
pub(super) fn dump() -> io::Result<String> {
    let folder = Folder::new()?;
    let file = folder.0.join("heap");
    let path = CString::new(file.as_os_str().as_bytes())?;
    // SAFETY: by jemalloc's manual a pointer to the name of a file; it is used within the call.
    unsafe { raw::write(b"prof.dump\0", path.as_ptr()) }
        .map_err(|error| io::Error::other(error.to_string()))?;
    // Names of files in it may be anything.
    Ok(String::from_utf8_lossy(&fs::read(file)?).into_owned())
}

/// That only this user may read, for what is in the heap is nobody else's business. Taken away when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        let name = format!("seaworthy-heap-{:016x}", ids::random());
        let path = env::temp_dir().join(name);
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be taken away is a small file in the folder for such files.
        let _ = fs::remove_dir_all(&self.0);
    }
}
