// Light or dark, before anything is drawn: so a classic script in the head, and no flash.
(() => {
  const key = "dayjob-theme";
  const root = document.documentElement;
  const stored = () => { try { return localStorage.getItem(key); } catch { return null; } };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const current = () => stored() ?? (dark.matches ? "dark" : "light");
  const apply = () => { root.dataset.theme = current(); };
  apply();
  dark.addEventListener("change", apply);
  window.toggleTheme = () => {
    const next = root.dataset.theme === "dark" ? "light" : "dark";
    root.dataset.theme = next;
    try { localStorage.setItem(key, next); } catch { /* private mode: for this page only */ }
    return next;
  };
})();
