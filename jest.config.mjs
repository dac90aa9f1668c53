// One configuration for every suite; the Nx targets choose files by suffix (see nx.json).
export default {
  testEnvironment: './tools/run-tests/jest-environment.ts',
  testEnvironmentOptions: { customExportConditions: ['magistry-source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.js'] },
  modulePathIgnorePatterns: ['/dist/', '/tools/checks/fixtures/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2024',
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  testTimeout: 30_000,
  // What hangs does not keep the run from saying what failed.
  forceExit: true,
};
