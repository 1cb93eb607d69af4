/** What the images of servers hold besides their base: the programs and their configuration, as Debian packages them. */

import type { TreeEntry } from '../../kernel';
import * as t from './trees';

const NGINX_CONF = `user www-data;
worker_processes auto;
worker_cpu_affinity auto;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log;
include /etc/nginx/modules-enabled/*.conf;

events {
	worker_connections 768;
	# multi_accept on;
}

http {

	##
	# Basic Settings
	##

	sendfile on;
	tcp_nopush on;
	types_hash_max_size 2048;
	server_tokens off; # Recommended practice is to turn this off

	# server_names_hash_bucket_size 64;
	# server_name_in_redirect off;

	include /etc/nginx/mime.types;
	default_type application/octet-stream;

	##
	# SSL Settings
	##

	ssl_protocols TLSv1.2 TLSv1.3; # Dropping SSLv3 (POODLE), TLS 1.0, 1.1
	ssl_prefer_server_ciphers off; # Don't force server cipher order.

	##
	# Logging Settings
	##

	access_log /var/log/nginx/access.log;

	##
	# Gzip Settings
	##

	gzip on;

	# gzip_vary on;
	# gzip_proxied any;
	# gzip_comp_level 6;
	# gzip_buffers 16 8k;
	# gzip_http_version 1.1;
	# gzip_types text/plain text/css application/json application/javascript text/xml application/xml application/xml+rss text/javascript;

	##
	# Virtual Host Configs
	##

	include /etc/nginx/conf.d/*.conf;
	include /etc/nginx/sites-enabled/*;
}


#mail {
#	# See sample authentication script at:
#	# http://wiki.nginx.org/ImapAuthenticateWithApachePhpScript
#
#	# auth_http localhost/auth.php;
#	# pop3_capabilities "TOP" "USER";
#	# imap_capabilities "IMAP4rev1" "UIDPLUS";
#
#	server {
#		listen     localhost:110;
#		protocol   pop3;
#		proxy      on;
#	}
#
#	server {
#		listen     localhost:143;
#		protocol   imap;
#		proxy      on;
#	}
#}
`;

export const nginxFiles = (): TreeEntry[] => [
  t.executable('usr/sbin/nginx', 'nginx', 1_658_200),
  t.text('etc/nginx/nginx.conf', NGINX_CONF),
  t.text(
    'etc/nginx/mime.types',
    'types {\n    text/html                                        html htm shtml;\n    text/css                                         css;\n    image/png                                        png;\n    application/javascript                           js;\n    application/json                                 json;\n}\n',
  ),
  ...['modules-available', 'modules-enabled', 'sites-available', 'sites-enabled', 'snippets'].map((d) => t.dir(`etc/nginx/${d}`)),
  t.dir('var/lib/nginx'),
  t.dir('usr/share/nginx/modules-available'),
];

export const redisFiles = (): TreeEntry[] => [
  t.executable('usr/bin/redis-check-rdb', 'redis-server', 3_137_000),
  t.symlink('usr/bin/redis-server', 'redis-check-rdb'),
  t.executable('usr/bin/redis-cli', 'redis-cli', 656_800),
  t.dir('etc/redis'),
];
