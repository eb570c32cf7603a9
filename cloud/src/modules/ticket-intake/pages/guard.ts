/**
 * What a browser with scripts does besides: says before anything is sent what would be refused for its size, sends once, and has the
 * answers again after a line that broke or a step back. They stand in the tab alone, and go when the request was received.
 */
export const guard = `'use strict';
(() => {
  const shelf = 'hallhub.form.';
  const keptMs = 30 * 60000;
  const own = document.currentScript;
  const sent = own && own.dataset.sent;
  const store = (() => { try { return window.sessionStorage; } catch { return null; } })();
  if (sent) { if (store) store.removeItem(shelf + sent); return; }
  const form = document.querySelector('form[data-guard]');
  if (!form) return;
  const name = shelf + form.dataset.guard;
  const button = form.querySelector('button[type=submit]');
  const label = button.textContent;
  const controls = () => [...form.elements].filter((one) => one.name && one.type !== 'file' && one.name !== 'website');
  const keep = () => {
    const values = controls().map((one) => [one.name, one.type === 'radio' || one.type === 'checkbox' ? [one.value, one.checked] : one.value]);
    // Where the browser keeps nothing (private, full), a step back brings the answers again only as the browser itself does.
    try { store.setItem(name, JSON.stringify({ at: Date.now(), values })); } catch {}
  };
  const bringBack = () => {
    let kept;
    try { kept = JSON.parse(store.getItem(name)); } catch { return; }
    if (!kept || Date.now() - kept.at > keptMs || document.querySelector('.faults')) return;
    for (const one of controls()) {
      for (const [key, value] of kept.values) {
        if (key !== one.name) continue;
        if (Array.isArray(value)) { if (one.value === value[0]) one.checked = value[1]; }
        else if (one.value === '' || one.name === 'token') one.value = value;
      }
    }
  };
  const wait = (isWaiting) => {
    form.dataset.waits = isWaiting ? '1' : '';
    button.setAttribute('aria-disabled', String(isWaiting));
    button.textContent = isWaiting ? form.dataset.sending : label;
  };
  const say = (control, text) => {
    const id = 'g-' + control.name;
    let line = document.getElementById(id);
    if (!text) { if (line) line.remove(); control.removeAttribute('aria-invalid'); return; }
    if (!line) {
      line = document.createElement('p');
      line.id = id;
      line.className = 'error';
      line.setAttribute('role', 'alert');
      control.after(line);
    }
    line.textContent = text;
    control.setAttribute('aria-invalid', 'true');
    control.setAttribute('aria-errormessage', id);
  };
  const check = (control) => {
    const files = [...control.files];
    const large = files.find((file) => file.size > Number(form.dataset.bytes));
    const text = large ? large.name + (document.documentElement.lang === 'en' ? ': ' : '：') + form.dataset.tooLarge : files.length > Number(form.dataset.most) ? form.dataset.tooMany : '';
    say(control, text);
    return text === '';
  };
  const inputs = [...form.querySelectorAll('input[type=file]')];
  for (const input of inputs) input.addEventListener('change', () => check(input));
  form.addEventListener('submit', (event) => {
    const wrong = inputs.filter((input) => !check(input));
    const total = inputs.flatMap((input) => [...input.files]).length;
    if (wrong.length === 0 && total > Number(form.dataset.most)) { say(inputs[0], form.dataset.tooMany); wrong.push(inputs[0]); }
    if (wrong[0]) { event.preventDefault(); wrong[0].focus(); return; }
    if (form.dataset.waits) { event.preventDefault(); return; }
    if (store) keep();
    if (navigator.onLine === false) { event.preventDefault(); say(button, form.dataset.offline); return; }
    say(button, '');
    wait(true);
  });
  // Shown again by a step back, or after an answer that never came.
  window.addEventListener('pageshow', () => wait(false));
  window.addEventListener('online', () => say(button, ''));
  if (store) bringBack();
})();
`;
