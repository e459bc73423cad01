use super::*;

#[test]
fn whose_code_it_is_is_told_by_crate_and_file() {
    for (name, file, expected) in [
        ("reception::orders::create", "src/orders.rs", Code::Own),
        ("<reception::Order as serde::Serialize>::serialize", "reception/src/lib.rs", Code::Own),
        (
            "regex::Regex::new",
            "/root/.cargo/registry/src/index.crates.io-1/regex-1/src/lib.rs",
            Code::Dependency,
        ),
        ("seaworthy_agent::http::call", "agent/src/http.rs", Code::Dependency),
        ("<reqwest::Call as seaworthy_agent::http::Traced>::send", "agent/src/http.rs", Code::Dependency),
        ("<u8 as alloc::slice::ConvertVec>::to_vec", "", Code::Standard),
        ("<T as tower::Service>::call", "/root/.cargo/registry/src/x/tower-1/src/lib.rs", Code::Dependency),
        ("core::str::parse", "/rustc/abc/library/core/src/str.rs", Code::Standard),
        ("<alloc::vec::Vec<T> as core::ops::Drop>::drop", "", Code::Standard),
        ("tokio::runtime::park", "/root/.cargo/registry/src/x/tokio-1/src/park.rs", Code::Runtime),
        ("epoll_wait", "", Code::Runtime),
        ("[libc.so.6+0x10]", "", Code::Runtime),
    ] {
        assert_eq!(Code::of(name, file), expected, "{name}");
    }
}

/// Whose code these functions are.
fn codes<const N: usize>(profile: &Profile, names: [&str; N]) -> [Code; N] {
    names.map(|name| {
        let index = profile.functions.iter().position(|function| function.name == name).unwrap();
        profile.code(index as u32)
    })
}

#[test]
fn a_function_of_which_no_file_is_known_is_of_the_same_as_others_of_its_crate() {
    let profile = Made::cpu(&[(
        "main shop::serve axum::serve@/root/.cargo/registry/src/x/axum-0.8/src/serve.rs:7 axum::call",
        1,
    )]);
    assert_eq!(
        codes(&profile, ["shop::serve", "axum::serve", "axum::call"]),
        [Code::Own, Code::Dependency, Code::Dependency]
    );
}

#[test]
fn what_has_no_file_where_the_service_has_is_a_dependency() {
    // The service may give types of others a trait of its own.
    let stack = "main shop::serve@src/shop.rs:7 shop::price <object::File>::weigh@src/shop.rs:9 object::read";
    let profile = Made::cpu(&[(stack, 1)]);
    assert_eq!(
        codes(&profile, ["shop::serve", "shop::price", "<object::File>::weigh", "object::read"]),
        [Code::Own, Code::Own, Code::Own, Code::Dependency]
    );
}
