// Tells the portal the zone and the theme in which to render, in two cookies that hold nothing secret.
const root = document.documentElement;
const secure = location.protocol === "https:" ? "; Secure" : "";

function read(name) {
  return document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

function keep(name, value) {
  const lasts = value ? 31536000 : 0;
  document.cookie = `${name}=${value}; Path=/; Max-Age=${lasts}; SameSite=Lax${secure}`;
}

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && read("seaworthy-zone") !== zone) {
  keep("seaworthy-zone", zone);
  // The page was rendered in another zone: ask again, once, if cookies are kept at all.
  if (read("seaworthy-zone") === zone && document.querySelector("time")) location.reload();
}

const button = document.getElementById("theme");
if (button) {
  const say = () => {
    button.setAttribute("aria-label", `Theme: ${root.dataset.theme ?? "system"}`);
    button.title = button.getAttribute("aria-label");
  };
  button.hidden = false;
  say();
  button.addEventListener("click", () => {
    const next = { undefined: "light", light: "dark", dark: undefined }[root.dataset.theme];
    if (next) root.dataset.theme = next;
    else delete root.dataset.theme;
    keep("seaworthy-theme", next ?? "");
    say();
  });
}
