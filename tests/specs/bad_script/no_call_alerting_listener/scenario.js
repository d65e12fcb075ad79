Logger.write('nobody listens');
