/** The simulated cameras' account: they listen on loopback only, and the unit must be told it as any other. */
export const cameraAccount = { userName: 'operator', password: 'demo-camera' };
