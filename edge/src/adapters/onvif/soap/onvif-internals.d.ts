declare module 'onvif/lib/utils.js' {
  const utils: {
    /** Parses synchronously; names lose their prefix and begin small. Calls back exactly once, or twice when the callback throws. */
    parseSOAPString(
      xml: string,
      callback: (error: Error | null, body: unknown, xml: string, status: number) => void,
      status: number,
    ): void;
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
