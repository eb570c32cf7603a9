const reloadedAt = 'hallhub.reloadedAt';
const againAfterMs = 30_000;

/**
 * The server was upgraded under an open page: parts of the old program are gone, so the page is loaded anew, once. A second failure at once is
 * no upgrade and is shown.
 */
export const reloadWhenReplaced = (page: Window = window): void => {
  page.addEventListener('vite:preloadError', (event) => {
    const before = Number(page.sessionStorage.getItem(reloadedAt) ?? 0);
    if (Date.now() - before < againAfterMs) return;
    event.preventDefault();
    page.sessionStorage.setItem(reloadedAt, String(Date.now()));
    page.location.reload();
  });
};
