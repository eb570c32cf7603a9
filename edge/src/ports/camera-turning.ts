/** Generic spaces of ONVIF: pan and tilt -1..1, zoom position 0..1, speeds -1..1. */
export interface Place {
  readonly pan?: number | undefined;
  readonly tilt?: number | undefined;
  readonly zoom?: number | undefined;
}

export interface PresetPlace {
  readonly token: string;
  readonly name: string;
  /** Undefined: the camera does not tell where it is. */
  readonly place?: Place | undefined;
}

/** The last thing that a camera was told, by whomever: a command, a patrol, somebody at the live picture. */
export interface LastTold {
  /** Undefined: to move, or home. */
  readonly preset?: string | undefined;
  /** Monotonic. */
  readonly atMs: number;
}

/** What can be done with a camera that turns; all of it, unlike commands, now and not in turn. Errors as of the adapter's commands. */
export interface CameraTurning {
  /** What its profile binds and the camera itself has. */
  offers(signal: AbortSignal): Promise<TurningOffers>;
  readonly lastTold: LastTold | undefined;
  /** `isMoving` undefined: it does not say. No axis at all: it does not say where it looks. */
  place(signal: AbortSignal): Promise<Place & { readonly isMoving: boolean | undefined }>;
  presets(signal: AbortSignal): Promise<readonly PresetPlace[]>;
  /** Ends by itself after `forMs`, where the camera honours that. */
  move(velocity: Place, forMs: number, signal: AbortSignal): Promise<void>;
  stop(signal: AbortSignal): Promise<void>;
  goTo(preset: string, signal: AbortSignal): Promise<void>;
  /** Where it looks now. The preset's token. */
  save(
    as: { readonly preset?: string | undefined; readonly name?: string | undefined },
    signal: AbortSignal,
  ): Promise<string>;
  remove(preset: string, signal: AbortSignal): Promise<void>;
  /** -1 (near) to 1 (far); 0 stops. */
  focus(speed: number, signal: AbortSignal): Promise<void>;
  auxiliary(command: string, signal: AbortSignal): Promise<void>;
}

export interface TurningOffers {
  readonly move: boolean;
  readonly presets: boolean;
  readonly save: boolean;
  readonly remove: boolean;
  readonly focus: boolean;
  /** Such as `tt:Wiper|On`. */
  readonly auxiliaries: readonly string[];
}
