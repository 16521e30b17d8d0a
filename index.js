import './dist/src/main.js'
