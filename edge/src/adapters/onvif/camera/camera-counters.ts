export interface CameraCounters {
  requestsFailed: number;
  notifications: number;
  unmappedNotifications: number;
  subscriptionsLost: number;
  streamProbesFailed: number;
  strangersMet: number;
}

export const newCameraCounters = (): CameraCounters => ({
  requestsFailed: 0,
  notifications: 0,
  unmappedNotifications: 0,
  subscriptionsLost: 0,
  streamProbesFailed: 0,
  strangersMet: 0,
});
