// SPDX-License-Identifier: MIT
// Follows short URLs with Java's own HTTP client: java Destinations.java URL...
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

class Destinations {
    public static void main(String[] urls) throws InterruptedException {
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.ALWAYS).build();
        for (String url : urls) {
            try {
                client.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.discarding());
            } catch (java.io.IOException | IllegalArgumentException refused) {
                System.err.println(url + ": " + refused);
            }
        }
    }
}
