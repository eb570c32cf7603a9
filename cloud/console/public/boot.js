// Runs before the first paint so that the stored theme and language never flash.
(() => {
  const root = document.documentElement;
  let theme = 'system';
  // As src/i18n/preferred-language.ts.
  let language = navigator.languages
    .map((tag) => tag.toLowerCase().split('-')[0])
    .find((one) => one === 'zh' || one === 'en');
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
