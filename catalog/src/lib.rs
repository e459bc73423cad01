//! The catalog of the Seaworthy portal: accounts, services, instances and what people enter.
