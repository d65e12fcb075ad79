Logger.write("the account's own scenario runs no more");
