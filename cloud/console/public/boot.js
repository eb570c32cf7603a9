// Runs before the first paint so that the stored theme and language never flash.
(() => {
  const root = document.documentElement;
  let theme = 'system';
  let language = 'zh';
  try {
    theme = localStorage.getItem('hallhub.theme') || theme;
    language = localStorage.getItem('hallhub.language') || language;
  } catch {
    // Storage may be blocked: the defaults stand.
  }
  const dark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = dark ? 'dark' : 'light';
  root.lang = language === 'en' ? 'en' : 'zh-CN';
})();
