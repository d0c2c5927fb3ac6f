// Sets the theme that was chosen before, ahead of the first paint.
document.documentElement.classList.add("scripted");
try {
  const theme = localStorage.getItem("fovea-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {}
