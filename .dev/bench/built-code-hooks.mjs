const source = /\/(edge|cloud)\/src\/(.+\.js)$/;

/**
 * Benches reach into the edge's and the cloud's source; what runs is the compiled form that ships, so that the figures are
 * those of the product and not of the tests' loader.
 */
export async function resolve(specifier, context, nextResolve) {
  if (!specifier.startsWith('.') || !context.parentURL) return await nextResolve(specifier, context);
  const url = new URL(specifier, context.parentURL).href;
  return await nextResolve(source.test(url) ? url.replace(source, '/$1/dist/$2') : specifier, context);
}
