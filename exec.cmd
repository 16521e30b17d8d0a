@rem "npm start" begins with exec, so that a POSIX shell gets out of the way of signals; cmd has no such word.
@%*
