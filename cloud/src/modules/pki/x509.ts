// The library's injection container looks for this before anything else of it is loaded.
import 'reflect-metadata';

export * from '@peculiar/x509';
