import v8 from 'node:v8';

// The young generation would grow to 32 MiB while the modules load and stay there. A unit has little memory and few objects
// that die young; has to be set before anything else is loaded.
v8.setFlagsFromString('--semi-space-growth-factor=1');
