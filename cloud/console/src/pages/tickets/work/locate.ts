export type Located =
  | { ok: true; lon: number; lat: number; accuracyM: number }
  | { ok: false; why: 'absent' | 'denied' | 'unavailable' | 'timeout' };

/** Where this device is (WGS-84). Browsers tell it over HTTPS only, and with the person's leave. */
export const locate = (timeoutMs = 10_000): Promise<Located> =>
  new Promise((resolve) => {
    if (!navigator.geolocation || !window.isSecureContext) return resolve({ ok: false, why: 'absent' });
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ ok: true, lon: coords.longitude, lat: coords.latitude, accuracyM: coords.accuracy }),
      ({ code }) => resolve({ ok: false, why: code === 1 ? 'denied' : code === 3 ? 'timeout' : 'unavailable' }),
      { enableHighAccuracy: true, timeout: timeoutMs, maximumAge: 30_000 },
    );
  });
