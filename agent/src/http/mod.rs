//! HTTP servers and clients.
