declare module 'onvif/lib/utils.js' {
  const utils: {
    getDigestHeaders(rawHeaders: readonly string[]): string[];
  };
  export default utils;
}

declare module 'onvif/lib/cam.js' {
  const cam: {
    Cam: new (options: {
      hostname: string;
      username: string;
      password: string;
      autoconnect: false;
    }) => {
      /** Throws on a challenge it cannot read. */
      digestAuth(challenges: readonly string[], request: { method: string; path: string }): string;
    };
  };
  export default cam;
}
