export default {
    printWidth: 88,
    tabWidth: 4,
    bracketSpacing: false,
    trailingComma: "es5",
    overrides: [{files: ["*.json"], options: {tabWidth: 2}}],
};
